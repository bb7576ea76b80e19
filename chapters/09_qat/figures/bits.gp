# Percent right against bits, PTQ and QAT, five seeds: the whole scale, and its top.
set terminal svg size 720,420 font "Helvetica,13" background rgb "white"
set output out
set datafile separator ","
data = csv."/bits.csv"
set multiplot layout 1,2 title "Down to four bits rounding is enough; with two, training makes the network"
set xlabel "bits of weights and hidden activations"
set xrange [8.5:1.5]
set xtics (8, 6, 4, 3, 2)
set grid lc rgb "#dddddd"
set key left bottom Left reverse
set ylabel "test digits right, percent (95 % interval, five seeds)"
set yrange [0:100]
plot data using ($1+0.06):8:9 skip 1 with yerrorlines lw 2 pt 5 ps 0.6 lc rgb "#CC79A7" title "PTQ, per channel", \
     data using ($1+0.02):4:5 skip 1 with yerrorlines lw 2 pt 7 ps 0.6 lc rgb "#D55E00" title "PTQ, per tensor", \
     data using ($1-0.06):10:11 skip 1 with yerrorlines lw 2 pt 5 ps 0.6 lc rgb "#009E73" title "QAT, per channel", \
     data using ($1-0.02):6:7 skip 1 with yerrorlines lw 2 pt 7 ps 0.6 lc rgb "#0072B2" title "QAT, per tensor"
set ylabel "the same, from 88 to 96 percent"
set yrange [88:96]
plot data using 1:3 skip 1 with lines lw 2 dt 2 lc rgb "#888888" title "float, trained as long", \
     data using ($1+0.12):8:9 skip 1 with yerrorlines lw 2 pt 5 ps 0.6 lc rgb "#CC79A7" notitle, \
     data using ($1+0.04):4:5 skip 1 with yerrorlines lw 2 pt 7 ps 0.6 lc rgb "#D55E00" notitle, \
     data using ($1-0.12):10:11 skip 1 with yerrorlines lw 2 pt 5 ps 0.6 lc rgb "#009E73" notitle, \
     data using ($1-0.04):6:7 skip 1 with yerrorlines lw 2 pt 7 ps 0.6 lc rgb "#0072B2" notitle
unset multiplot
