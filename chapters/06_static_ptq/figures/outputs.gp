# Which integers the Linear layers give on the 2000 test digits.  csv and out are set by the caller.
set terminal svg size 720,420 font "Helvetica,13" background rgb "white"
set output out
set datafile separator ","
set title "Half of layer 1's outputs lie below its zero point: ReLU will make them all one integer"
set xlabel "integer before ReLU, 0 to 255"
set ylabel "outputs that are this integer (%)"
set xrange [0:255]
set yrange [0:3]
set xtics 0,32,255
set grid lc rgb "#dddddd"
set key left top samplen 2
set arrow from 164,0 to 164,2.9 nohead dashtype 2 lc rgb "#0072B2"
set label "zero point\nof layer 1: 164" at 167,2.75 textcolor rgb "#0072B2"
set arrow from 113,0 to 113,1.85 nohead dashtype 2 lc rgb "#D55E00"
set label "zero point\nof layer 2: 113" at 110,1.7 right textcolor rgb "#D55E00"
plot csv."/outputs.csv" using 1:2 skip 1 with lines lw 1.8 lc rgb "#0072B2" title "layer 1", \
     "" using 1:3 skip 1 with lines lw 1.8 lc rgb "#D55E00" title "layer 2", \
     "" using 1:4 skip 1 with lines lw 1.2 lc rgb "#009E73" title "layer 3, the logits"
