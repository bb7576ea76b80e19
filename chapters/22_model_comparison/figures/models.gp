# Percent right against bytes on disk and against the time of one picture, two nets by four models.
set terminal svg size 760,420 font "Helvetica,13" background rgb "white"
set output out
set datafile separator ","
data = csv."/models.csv"
set multiplot layout 1,2 title "Static quantization moves both nets to the left, and not down"
set grid lc rgb "#dddddd"
set logscale x
set yrange [96.5:99.8]
set format x "%.0s %c"
set ylabel "test digits right, percent (95 % interval)"
set xlabel "bytes on disk"
set xrange [7000:500000]
set key at graph 0.98, 0.30 right Left reverse
plot for [m=0:3] data using ((column(2) == m) ? $3*(1+0.04*(m-1.5)) : NaN):5:6:7 skip 1 with yerrorbars lw 2 pt (m == 0 ? 7 : m == 1 ? 6 : m == 2 ? 5 : 9) ps 0.9 lc rgb word("#000000 #888888 #D55E00 #0072B2", m+1) title word("fp32 ptq-d ptq-s qat", m+1)
set xlabel "microseconds, one picture on one core"
set xrange [2:600]
unset key
set ylabel ""
set label "small" at graph 0.2, 0.64
set label "residual" at graph 0.55, 0.88
plot for [m=0:3] data using ((column(2) == m) ? $4*(1+0.04*(m-1.5)) : NaN):5:6:7 skip 1 with yerrorbars lw 2 pt (m == 0 ? 7 : m == 1 ? 6 : m == 2 ? 5 : 9) ps 0.9 lc rgb word("#000000 #888888 #D55E00 #0072B2", m+1) notitle
unset multiplot
