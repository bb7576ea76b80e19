# One row of the first convolution's output, from the left edge to the right, with its border z and 0.
set terminal svg size 720,420 font "Helvetica,13" background rgb "white"
set output out
set datafile separator ","
set title "The border is two columns of the output; the layers behind spread it"
set xlabel "column"
set ylabel "output of the first convolution, as a real number"
set xrange [0.5:28.5]
set grid lc rgb "#dddddd"
set key right top
plot csv."/border.csv" using 1:3 skip 1 with linespoints lw 2 pt 5 ps 0.6 lc rgb "#D55E00" title "border of integer 0", \
     "" using 1:2 skip 1 with linespoints lw 2 pt 7 ps 0.6 lc rgb "#0072B2" title "border of the zero point"
